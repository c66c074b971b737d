/** What a list is narrowed by, as Docker's `--filter` and the API's `filters` have it: the values of each key. */

export type Filters = Readonly<Record<string, readonly string[]>>;
