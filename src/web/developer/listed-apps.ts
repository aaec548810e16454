/**
 * The rows of `/developer`: two queries for all apps, since each more would take a pooled
 * connection.
 */
import type { App } from '../../app/app.ts'
import { firstDay } from '../../broker/apps/sign-in-statistics.ts'
import type { Ports } from '../../broker/ports/core-ports.ts'
import type { ListedApp } from './portal-page.tsx'

export async function listedApps(
  { apps, signInCounts, now }: Ports<'apps' | 'signInCounts' | 'now'>,
  own: readonly App[],
): Promise<readonly ListedApp[]> {
  const ids = own.map(({ id }) => id)
  const [lastUses, counts] = await Promise.all([apps.lastUses(ids), signInCounts.ofApps(ids, firstDay(now()))])
  const daysById = Map.groupBy(counts, ({ appId }) => appId)
  return own.map(({ id, name, kind, logoUri, createdAt, disabledAt }) => {
    const days = daysById.get(id) ?? []
    const lastDay = days.findLast(({ signIns }) => signIns > 0)?.day
    const times = [lastUses.get(id), lastDay].flatMap((at) => (at === undefined ? [] : [new Date(at).getTime()]))
    return {
      ...{ id, name, kind, logoUri, createdAt },
      disabled: disabledAt !== undefined,
      lastUsedAt: times.length === 0 ? undefined : new Date(Math.max(...times)),
      signIns: days.reduce((sum, { signIns }) => sum + signIns, 0),
    }
  })
}
