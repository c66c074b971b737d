/** Docker's flags for `run` and `create` that brig knows by name and refuses: what is not done is never ignored. */
export const refusedFlags = {
  "it has a meaning on Windows only": ["cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops"],
  "real-time scheduling of cgroups is not implemented": ["cpu-rt-period", "cpu-rt-runtime"],
  "the kernel has dropped limits of kernel memory; use --memory": ["kernel-memory"],
  "cgroup v2 has no swappiness of its own; use --memory-swap": ["memory-swappiness"],
  "GPUs are not implemented; use --device": ["gpus"],
  "links are obsolete; put both containers on one network": ["link"],
  "use --network name=…,link-local-ip=…": ["link-local-ip"],
  "storage options are not implemented": ["storage-opt"],
  "use --mount type=volume,volume-driver=…": ["volume-driver"],
  "annotations are not implemented": ["annotation"],
  "images are not signed with content trust": ["disable-content-trust"],
  "the socket of the API is not passed into containers": ["use-api-socket"],
} as const;
