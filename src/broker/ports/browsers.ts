/** express-session's records: what belongs to one browser before anyone is signed in. */
export interface Browsers {
  get(id: string): Promise<string | null>
  put(id: string, content: string, seconds: number): Promise<void>
  remove(id: string): Promise<void>
}
