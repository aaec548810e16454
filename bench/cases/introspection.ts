/** Introspection of access tokens by their app, against the plain provider. */

import { startAllProviders } from '../all-providers.ts'
import type { LookUpOrder } from '../load/tokens.ts'
import { accessTokens, type BenchedProvider } from '../providers.ts'
import type { Result } from '../results.ts'
import { type Case, comparedAll, type Effort, inTurn } from '../rounds.ts'
import type { Versions } from '../versions.ts'

const connections = 32
const tokenCount = 200
/** Both need seconds to compile their code after a cold start. */
const warmUpTimes = 20_000

export async function benchIntrospection(versions: Versions, effort: Effort): Promise<readonly Result[]> {
  const { providers, loader, stop } = await startAllProviders(versions)
  const caseOf = async (provider: BenchedProvider): Promise<Case> => {
    const { name, server, port, paths } = provider
    const tokens = [...(await accessTokens(provider, tokenCount))]
    const order: LookUpOrder = { do: 'look up', port, path: paths.introspection, tokens, connections }
    return { name, server, order }
  }
  const cases: Case[] = []
  for (const provider of providers) cases.push(await caseOf(provider))
  const rounds = await inTurn('introspection', loader, cases, effort, warmUpTimes)
  await stop()
  return comparedAll('introspection', 'req/s', rounds, versions)
}
