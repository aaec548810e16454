/** Resident memory of `gatehouse serve` after many logins through the emulated Okta. */
import { deploy, serve, tenant, untilListening, untilReady } from '../gatehouse.ts'
import { loadForm } from '../load/load.ts'
import type { LoginOrder } from '../load/login.ts'
import { freePort } from '../ports.ts'
import { ask, residentMegabytes, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import type { Versions } from '../versions.ts'

const people = 50
const browsers = 8
const usualLogins = 10_000
const stepSeconds = 3
/** Logins between two progress lines. */
const reportEvery = 2500

export async function benchLoginMemory([{ storage }]: Versions, effort: Effort): Promise<readonly Result[]> {
  const { say, logins = usualLogins } = effort
  const upstreamPort = await freePort()
  const issuer = `http://localhost:${upstreamPort}/oauth2/default`
  const deployment = await deploy({ storage, issuer })
  const upstream = start(scriptOf('upstream'), [upstreamPort, people, 1, deployment.port].map(String))
  await untilListening(upstream, upstreamPort)
  const gatehouse = serve(deployment, 'measured')
  await untilReady(gatehouse, deployment.port)
  const loader = start(scriptOf('load/login'), [], { askable: true })
  const begin = `http://localhost:${deployment.port}/t/${tenant}/okta/start?return_to=%2Faccount`
  const order: LoginOrder = { start: begin, cookie: 'gatehouse_session', people, browsers }
  const atRest = residentMegabytes(gatehouse)
  let done = 0
  for (let reported = 0; done < logins; ) {
    const load = await ask(loader, { ...order, seconds: stepSeconds }, loadForm)
    if (load.failed > 0) throw new Error(`rss-after-logins-mb: ${load.failed} of ${load.done} logins failed`)
    done += load.done
    if (done - reported < reportEvery && done < logins) continue
    reported = done
    say(
      `memory: ${residentMegabytes(gatehouse).toFixed(0)} MB after ${done} logins (${(load.done / load.seconds).toFixed(0)}/s)`,
    )
  }
  const value = residentMegabytes(gatehouse)
  await Promise.all([gatehouse, upstream, loader].map((child) => stop(child)))
  return [{ name: 'rss-after-logins-mb', value, unit: 'MB', baseline: atRest, ratio: value / atRest }]
}
