/** A request as every framework can give it. */
export interface GuardedRequest {
  readonly method: string
  /** Path and query, as the client sent them. */
  readonly url: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}
