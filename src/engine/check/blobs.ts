/** Blobs that no image needs: whoever put them into the store was killed before it could name the image. */

import { collectGarbage, unneededBlobs } from "../../image/store/collect.ts";
import { blobFile } from "../../image/store/store.ts";
import { check, repair } from "./finding.ts";
import { isEveryNeedKnown, storedImages } from "./stored-images.ts";

export const blobs = check<undefined>({
  find: (host) => {
    const all = storedImages(host);
    if (!isEveryNeedKnown(host, all)) return [];
    const needed = new Set(all.flatMap(({ blobs }) => [...blobs]));
    return unneededBlobs(host.images, needed).map(({ digest }) => ({
      what: "blob",
      where: blobFile(host.images, digest),
      why: "no image needs it",
      remedy: repair("removes it"),
      data: undefined,
    }));
  },
  mend: async (host) => {
    if (isEveryNeedKnown(host, storedImages(host))) await collectGarbage(host.images);
  },
});
