/** What each client's program finds: a service of its own with the images of the servers, named by DOCKER_HOST alone. */

import assert from "node:assert/strict";
import { busyboxArchive, serverArchive, servers } from "../../fixtures/images.ts";
import { ownService } from "../own-service.ts";

export async function serviceWithServers() {
  const own = ownService();
  for (const archive of [busyboxArchive(), ...servers.map(serverArchive)]) {
    const { code, stderr } = await own.brig("load", "-i", archive);
    assert.equal(code, 0, stderr);
  }
  await own.startService();
  return { ...own, host: `unix://${own.socket}` };
}
