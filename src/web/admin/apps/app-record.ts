/** All that administrators see of an app, without any secret. */
import type { App } from '../../../app/app.ts'
import { disabledReason } from '../../../broker/apps/registry.ts'
import { signInStatistics } from '../../../broker/apps/sign-in-statistics.ts'
import type { AppDay } from '../../../broker/ports/app-sign-ins.ts'
import type { User } from '../../../broker/ports/users.ts'
import { isLiveSecret } from '../../../broker/secrets/client-secret.ts'
import type { PartsOf, WithParts } from '../../shell.ts'

export type AppRecordPorts = PartsOf<typeof signInStatistics> & WithParts<'apps' | 'consents' | 'users'>

/** Undefined: it works. */
export type AppDisabled = 'disabled' | 'owner blocked' | undefined

export interface ListedApp {
  readonly app: App
  readonly disabled: AppDisabled
  /** Null if they are gone; undefined for an app of gatehouse.yaml. */
  readonly owner: User | null | undefined
}

export interface AppCredentialFacts {
  readonly kind: 'client secret' | 'key' | 'key set'
  readonly id: string
  readonly name: string | undefined
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
  readonly lastUsedAt: Date | undefined
}

export interface AppRecord extends ListedApp {
  readonly credentials: readonly AppCredentialFacts[]
  /** Counts of the last 30 days, oldest first. */
  readonly days: readonly AppDay[]
  /** Users who consented; `countedConsents` means that many or more. */
  readonly consents: number
}

export const countedConsents = 10_000

export async function listedApp({ parts }: WithParts<'users'>, app: App): Promise<ListedApp> {
  const { owner } = app
  return {
    app,
    disabled: await disabledReason(parts, app),
    owner: owner === undefined ? undefined : await parts.users.find(owner.tenant, owner.userId),
  }
}

export async function readAppRecord(shell: AppRecordPorts, app: App): Promise<AppRecord> {
  const { parts } = shell
  const [listed, uses, days, consents] = await Promise.all([
    listedApp(shell, app),
    parts.apps.usesOf(app.id),
    signInStatistics(parts, app.id),
    parts.consents.count(app.id, countedConsents),
  ])
  return { ...listed, credentials: credentialsOf(app, uses, parts.now()), days, consents }
}

function credentialsOf({ secrets, keys }: App, uses: ReadonlyMap<string, Date>, now: Date): AppCredentialFacts[] {
  const live = secrets.filter((secret) => isLiveSecret(secret, now))
  return [
    ...live.map(({ id, createdAt, expiresAt }) => ({
      ...{ kind: 'client secret' as const, id, name: undefined, createdAt, expiresAt },
      lastUsedAt: uses.get(id),
    })),
    ...keys.map(({ id, name, source, createdAt }) => ({
      ...{ kind: source.kind === 'jwks' ? ('key set' as const) : ('key' as const), id, name, createdAt },
      ...{ expiresAt: undefined, lastUsedAt: uses.get(id) },
    })),
  ]
}
