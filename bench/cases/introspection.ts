/** Introspection of access tokens by their app, against the plain provider. */
import type { Storage } from '../gatehouse.ts'
import type { LookUpOrder } from '../load/tokens.ts'
import { accessTokens, type BenchedProvider, startProviders } from '../providers.ts'
import type { Result } from '../results.ts'
import { type Case, compared, type Effort, inTurn } from '../rounds.ts'

const connections = 32
const tokenCount = 200
/** Both need seconds to compile their code after a cold start. */
const warmUpTimes = 20_000

export async function benchIntrospection(storage: Storage, effort: Effort): Promise<readonly Result[]> {
  const { bare, gatehouse, loader, stop } = await startProviders(storage)
  const caseOf = async (provider: BenchedProvider): Promise<Case> => {
    const { name, server, port, paths } = provider
    const tokens = [...(await accessTokens(provider, tokenCount))]
    const order: LookUpOrder = { do: 'look up', port, path: paths.introspection, tokens, connections }
    return { name, server, order }
  }
  const cases = [await caseOf(bare), await caseOf(gatehouse)]
  const [byBare = [], byUs = []] = await inTurn('introspection', loader, cases, effort, warmUpTimes)
  await stop()
  return [compared('introspection', 'req/s', byUs, byBare)]
}
