/** `--tmpfs TARGET[:OPTIONS]`: an empty file system in memory, with mount(8)'s options for tmpfs. */

import { parseTmpfs } from "../../../docker/text/tmpfs.ts";
import { listOf } from "../../flags/types/text.ts";

export const tmpfsList = listOf(parseTmpfs, { whole: true });
