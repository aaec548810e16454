/** What a program for developers is made of, and what it is filled in with. */
import type { App } from '../../../app/app.ts'

export interface SnippetFile {
  readonly name: string
  readonly text: string
}

export interface Snippet {
  /** What it does, and how it is started. */
  readonly intro: string
  readonly files: readonly SnippetFile[]
}

/** An API that the app wants access tokens for. */
export interface WantedApi {
  readonly id: string
  readonly scopes: readonly string[]
}

/** What a program is filled in with. */
export interface SnippetFacts {
  readonly app: App
  readonly issuer: string
  /** Gatehouse runs on this machine, without TLS. */
  readonly isHttp: boolean
  /** Scope without `offline_access`, which a first program does not need. */
  readonly scope: string
  readonly wanted: readonly WantedApi[]
}
