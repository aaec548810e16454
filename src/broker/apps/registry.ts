/**
 * Apps declared in gatehouse.yaml and apps registered by developers. Reads are cached for two
 * seconds; changes by this process count at once. A disabled app, or one whose owner is blocked, is
 * not found.
 */

import type { App } from '../../app/app.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import type { Apps } from '../ports/durable.ts'
import type { Users } from '../ports/users.ts'

export interface AppRegistry {
  find(id: string): Promise<App | null>
  /** Reads the stored app, without the cache. */
  current(id: string): Promise<App | null>
  /**
   * Reads the stored app, also by an expired secret.
   * @param registered false: only declared apps
   */
  findBySecret(hash: string, registered: boolean): Promise<App | null>
  /** Apps of gatehouse.yaml, which are read-only. */
  readonly declared: ReadonlyMap<string, App>
  /** Call it after changing an app. */
  forget(id: string): void
}

export interface AppRegistryOptions {
  readonly declared: readonly App[]
  readonly stored: Pick<Apps, 'find' | 'findBySecret'>
  readonly users: Pick<Users, 'find'>
  readonly now: () => Date
}

interface CachedApp {
  /** A promise, so that concurrent requests read once. */
  readonly app: Promise<App | null>
  readonly until: number
}

const cacheMs = 2000
const maxRemembered = 1000
const maxIdLength = 128

export function appRegistry({ declared: list, stored, users, now }: AppRegistryOptions): AppRegistry {
  const declared = new Map(list.map((app) => [app.id, app]))
  const bySecret = new Map(list.flatMap((app) => app.secrets.map(({ hash }) => [hash, app])))
  const remembered = new BoundedMap<string, CachedApp>(maxRemembered)

  function read(id: string): Promise<App | null> {
    const app = stored.find(id).then((found) => ifEnabled(users, found))
    const entry = { app, until: now().getTime() + cacheMs }
    remembered.set(id, entry)
    const dropCached = () => {
      if (remembered.get(id) === entry) remembered.delete(id)
    }
    // unknown ids and failed reads are not cached
    app.then((found) => found === null && dropCached(), dropCached)
    return app
  }

  return {
    declared,
    find: async (id) => {
      const app = declared.get(id)
      if (app !== undefined || id.length > maxIdLength) return app ?? null
      const entry = remembered.get(id)
      return entry !== undefined && now().getTime() < entry.until ? entry.app : read(id)
    },
    current: async (id) => declared.get(id) ?? (id.length > maxIdLength ? null : read(id)),
    findBySecret: async (hash, registered) =>
      bySecret.get(hash) ?? (registered ? ifEnabled(users, await stored.findBySecret(hash)) : null),
    forget: (id) => remembered.delete(id),
  }
}

async function ifEnabled(users: Pick<Users, 'find'>, app: App | null): Promise<App | null> {
  return app === null || (await disabledReason({ users }, app)) !== undefined ? null : app
}

export async function disabledReason(
  { users }: { readonly users: Pick<Users, 'find'> },
  { disabledAt, owner }: Pick<App, 'disabledAt' | 'owner'>,
): Promise<'disabled' | 'owner blocked' | undefined> {
  if (disabledAt !== undefined) return 'disabled'
  const user = owner === undefined ? null : await users.find(owner.tenant, owner.userId)
  return user?.status === 'blocked' ? 'owner blocked' : undefined
}
