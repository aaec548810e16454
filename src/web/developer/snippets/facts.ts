/** Parts of a sample program for developers, and the values that are filled in. */
import type { App } from '../../../app/app.ts'

export interface SnippetFile {
  readonly name: string
  readonly text: string
}

export interface Snippet {
  /** Purpose of the program, and how to start it. */
  readonly intro: string
  readonly files: readonly SnippetFile[]
}

/** An API that the app wants access tokens for. */
export interface WantedApi {
  readonly id: string
  readonly scopes: readonly string[]
}

/** Values that are filled into a program. */
export interface SnippetFacts {
  readonly app: App
  readonly issuer: string
  /** Gatehouse runs on this machine, without TLS. */
  readonly isHttp: boolean
  /** Scope without `offline_access`, which a first program does not need. */
  readonly scope: string
  readonly wanted: readonly WantedApi[]
}
