/** Paths beneath the top of a side; `.` is the top. */

export function below(path: string, name: string): string {
  return path === "." ? name : `${path}/${name}`;
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
