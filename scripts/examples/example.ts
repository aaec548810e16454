/** What an example is to the runner. */
import type { Browser } from 'playwright-core'
import type { Quickstart } from '../../test/support/servers/quickstart.ts'

export interface Example {
  /** The name of its folder below examples/. */
  readonly name: string
  /** Programs that must be on the PATH; without one, it is skipped. */
  readonly needs: readonly string[]
  /** Starts it, signs in and out, and stops it. Throws what went wrong. */
  readonly run: (setting: Setting) => Promise<void>
}

export interface Setting {
  readonly quickstart: Quickstart
  readonly browser: Browser
  /** Registers an app as its developer does in the portal. */
  readonly register: (draft: AppDraft) => Promise<RegisteredApp>
  /** A temporary folder for copies and packages. */
  readonly folder: string
}

export interface AppDraft {
  readonly name: string
  readonly kind: 'web' | 'single-page' | 'native'
  readonly redirectUris?: readonly string[]
  readonly postLogoutRedirectUris?: readonly string[]
}

export interface RegisteredApp {
  readonly id: string
  /** Web apps only. */
  readonly secret: string
}
