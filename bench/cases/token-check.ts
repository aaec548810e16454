/** Checks of API tokens by Bearer, against checks of sessions by Bearer on the same server. */
import { putApiTokens } from '../api-tokens.ts'
import { scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { type Case, compared, type Effort, inTurn } from '../rounds.ts'
import type { Versions } from '../versions.ts'
import { storeSessions } from './session-check.ts'

const count = 1000
/** More than one process checks in the second that it keeps a token. */
const distinctCount = 50_000
const connections = 64

export async function benchTokenCheck([version]: Versions, effort: Effort): Promise<readonly Result[]> {
  const { gatehouse, storage } = version
  const deployment = await gatehouse.deploy({ storage })
  const { port } = deployment
  const sessions = await storeSessions(version, deployment, count)
  const server = gatehouse.serve(deployment, 'measured')
  await gatehouse.untilReady(server, port)
  const loader = start(scriptOf('load/check'), [], { askable: true })
  const caseOf = (name: string, tokens: readonly string[]): Case => {
    const presented = tokens.map((token) => `authorization: Bearer ${token}`)
    return { name, server, order: { port, presented, connections } }
  }
  const cases = [
    caseOf('session', sessions),
    caseOf('token', await putApiTokens(storage.postgres, count)),
    caseOf('hundred tokens', await putApiTokens(storage.postgres, 100)),
    caseOf('distinct tokens', await putApiTokens(storage.postgres, distinctCount)),
  ]
  const [session = [], token = [], hundred = [], distinct = []] = await inTurn('token check', loader, cases, effort)
  await Promise.all([server, loader].map((child) => stop(child)))
  return [
    compared('token-check', 'req/s', token, session),
    compared('token-check-hundred', 'req/s', hundred, session),
    compared('token-check-distinct', 'req/s', distinct, session),
  ]
}
