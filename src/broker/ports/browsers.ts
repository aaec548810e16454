/** Records of express-session, by browser. */
export interface Browsers {
  get(id: string): Promise<string | null>
  put(id: string, content: string, seconds: number): Promise<void>
  remove(id: string): Promise<void>
}
