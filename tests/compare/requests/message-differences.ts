/**
 * Where both refuse with the same status and in other words. What clients look for in a message ("No such container",
 * "is already in use", "is not running") is in both.
 */

import type { Difference } from "./difference.ts";

const words = (reason: string, ...requests: readonly string[]): Difference => ({
  requests,
  fields: ["body.message"],
  reason,
  better: "brig",
});

export const messageDifferences: readonly Difference[] = [
  words(
    "the place in the document and what must be there, in place of types of the Go sources",
    'POST * "{"',
    'POST * "[*]"',
    'POST * "null"',
    "POST /containers/create {*",
    "POST /containers/runs/exec {*",
    "POST /volumes/create {*",
    "POST /containers/create",
    "POST /containers/runs/exec",
    "POST /exec/{bodiless}/start",
    "POST /volumes/create",
  ),
  words(
    "a filter is named with the values that it takes, in the words of Docker 28",
    "GET *filters=*",
    "GET /events*",
  ),
  words(
    "a message says what cannot be done, the reason, and what to do",
    "POST /containers/create?name=named *",
    "POST /containers/renamed/rename*",
    "POST /containers/*/update *",
    "DELETE /containers/life",
    "DELETE /containers/taken?link=1",
    "DELETE /images/busybox",
    "DELETE /volumes/one*",
    "PUT /containers/files/archive*",
    "GET /containers/files/archive*",
    "GET /containers/runs/top*",
    "POST /containers/*/start*",
    "POST /containers/life/kill*",
    "POST /containers/limited/resize*",
    "POST /containers/*/wait*",
    "GET /containers/wrote/logs*",
  ),
  words(
    "what does not exist is named once, as it was looked for",
    "GET /images/*json",
    "GET /images/*get*",
    "DELETE /images/*",
    "POST /images/*",
    "GET /volumes/nosuch",
    "DELETE /volumes/one*",
    "GET /networks/*",
    "DELETE /networks/*",
    "POST /containers/nosuch/kill",
    "POST /auth*",
  ),
];
