/** bpf(2) for device filters, as arguments of instructions. The kernel takes structures shorter than its own. */

import { type Output, pointer, type Slot, type Struct, struct, u32, u64 } from "../../program/argument.ts";

export const BPF_PROG_LOAD = 5;
export const BPF_PROG_ATTACH = 8;
export const BPF_PROG_DETACH = 9;
export const BPF_PROG_GET_FD_BY_ID = 13;
export const BPF_PROG_QUERY = 16;

/** Programs of a cgroup and those of its parents all have to agree; without it a parent's forbids any of ours. */
export const BPF_F_ALLOW_MULTI = 2;
/** Since Linux 5.6: takes the place of another program in one step. */
export const BPF_F_REPLACE = 4;

const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;

/** As many as the kernel lets a cgroup have (BPF_CGROUP_MAX_PROGS). */
export const attachedMax = 64;

/** `union bpf_attr` with its size, the last two arguments of bpf(2). */
export type BpfArguments = readonly [Struct, number];

/** The license matters to a program that calls GPL-only functions; this one calls none. */
export function loadArguments(code: Uint8Array): BpfArguments {
  const count = code.length / 8;
  const text = `{prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=${count}, license="Apache-2.0", prog_name="devices"}`;
  const name = Buffer.alloc(16);
  name.write("devices");
  const log = [u32(0, 0), u64(0), u32(0, 0)] as const;
  const program = u32(BPF_PROG_TYPE_CGROUP_DEVICE, count);
  return [struct(text, program, pointer(code), pointer("Apache-2.0"), ...log, name), 64];
}

export function attachArguments(cgroup: Slot, program: Slot, replaced?: Slot): BpfArguments {
  const flags = replaced ? "BPF_F_ALLOW_MULTI|BPF_F_REPLACE" : "BPF_F_ALLOW_MULTI";
  const text = `{target_fd=${cgroup.fd}, attach_bpf_fd=${program.fd}, attach_type=BPF_CGROUP_DEVICE, attach_flags=${flags}}`;
  const bits = BPF_F_ALLOW_MULTI | (replaced ? BPF_F_REPLACE : 0);
  const words = [cgroup.fd, program.fd, BPF_CGROUP_DEVICE, bits, ...(replaced ? [replaced.fd] : [])];
  return [struct(text, u32(...words)), words.length * 4];
}

export function detachArguments(cgroup: Slot, program: Slot): BpfArguments {
  const text = `{target_fd=${cgroup.fd}, attach_bpf_fd=${program.fd}, attach_type=BPF_CGROUP_DEVICE}`;
  return [struct(text, u32(cgroup.fd, program.fd, BPF_CGROUP_DEVICE)), 12];
}

/** The ids of the attached programs come into `ids`, which is zeroes to begin with: no program has the id 0. */
export function queryArguments(cgroup: Slot, ids: Output): BpfArguments {
  const text = `{target_fd=${cgroup.fd}, attach_type=BPF_CGROUP_DEVICE, prog_cnt=${attachedMax}}`;
  return [struct(text, u32(cgroup.fd, BPF_CGROUP_DEVICE, 0, 0), pointer(ids), u32(attachedMax, 0)), 32];
}

export function fdByIdArguments(id: number): BpfArguments {
  return [struct(`{prog_id=${id}}`, u32(id, 0, 0)), 12];
}
