/** Runs the modules of one plan and reports each. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formsOf, openBrowser } from './browser.ts'
import { aliasOf, type Gatehouse } from './gatehouse.ts'
import type { Plan } from './plans.ts'
import type { RunFolders } from './run-folders.ts'
import { failuresOf, type LogEntry, type Module, reportModule, type Suite } from './suite.ts'

export interface ModuleResult {
  readonly plan: string
  readonly module: string
  /** In the suite's words: PASSED, WARNING, FAILED, SKIPPED, REVIEW; else it did not finish. */
  readonly result: string
}

export interface PlanRun {
  readonly place: RunFolders
  readonly suite: Suite
  readonly plan: Plan
  readonly settings: object
  readonly gatehouse: Gatehouse
  readonly logs: string
  /** Only modules whose name contains it. */
  readonly only: string | undefined
}

interface Outcome {
  readonly result: string
  readonly log: readonly LogEntry[]
  /** What Gatehouse showed. */
  readonly shown?: string
}

export async function runPlan(run: PlanRun): Promise<readonly ModuleResult[]> {
  const { suite, plan, settings } = run
  const listed = await suite.makePlan(plan.suitePlan, plan.variant, { alias: aliasOf(1), ...settings })
  const runModule = plan.gatehouseAs === 'provider' ? asProvider(run, listed.id) : asClient(run)
  const results: ModuleResult[] = []
  for (const module of listed.modules) {
    const { testModule: name } = module
    if (run.only !== undefined && !name.includes(run.only)) continue
    const { result, log, shown } = await runModule(module).catch(
      (error: unknown): Outcome => ({
        result: 'ERROR',
        log: [
          { result: 'FAILURE', src: 'the runner', msg: error instanceof Error ? (error.stack ?? '') : String(error) },
        ],
      }),
    )
    const again = results.filter(({ module: before }) => before === name).length
    reportModule(join(run.logs, plan.name), again === 0 ? name : `${name}-${again + 1}`, result, log)
    if (shown !== undefined) console.log(`           Gatehouse: ${shown}`)
    results.push({ plan: plan.name, module: name, result })
  }
  return results
}

/** The suite's own browser does everything. */
function asProvider({ suite, gatehouse }: PlanRun, id: string): (module: Module) => Promise<Outcome> {
  return async (module) => {
    const test = await suite.startModule(id, module)
    if (module.testModule.endsWith('rotate-keys')) {
      await suite.until(test.id, ['CONFIGURED'], 60)
      await gatehouse.rotateKeys()
      await sleep(35_000) // the other processes read the keys every half minute
      await suite.continue(test.id)
    }
    return finish(suite, test.id, 300)
  }
}

async function finish(suite: Suite, test: string, seconds: number): Promise<Outcome> {
  const { result } = await suite.until(test, ['FINISHED'], seconds)
  const log = await suite.log(test)
  if (result === 'TIMEOUT') await suite.cancel(test)
  return { result, log }
}

/** Modules that fail by a race in the suite: started too early or polled too late. */
const race = /(CREATED|FINISHED|INTERRUPTED) -> (RUNNING|CONFIGURED)|status is 'INTERRUPTED'/
const maxAttempts = 20

/** Each module has its own plan, alias and tenant; our browser signs in and out. */
function asClient(run: PlanRun): (module: Module) => Promise<Outcome> {
  let number = 0
  return async (module) => {
    for (let attempt = 1; ; attempt += 1) {
      number += 1
      const outcome = await runClientModule(run, module, number)
      const failures = failuresOf(outcome.log)
      const lostRace = failures.length > 0 && failures.every(({ msg }) => race.test(msg ?? ''))
      if (!lostRace || attempt === maxAttempts) return outcome
    }
  }
}

async function runClientModule(run: PlanRun, module: Module, number: number): Promise<Outcome> {
  const { suite, plan, place } = run
  const base = `${place.gatehouse}/t/rp-${number}/suite`
  const { id } = await suite.makePlan(plan.suitePlan, plan.variant, ofClient(run.settings, aliasOf(number), base))
  const test = await suite.startModule(id, module)
  let shown: string | undefined
  const { status } = await suite.until(test.id, ['WAITING', 'FINISHED'], 60)
  if (status !== 'INTERRUPTED') {
    const thirdParty = module.testModule.includes('3rd-party-init-login') ? await suite.address(test.id, 20) : undefined
    if (thirdParty !== undefined) await suite.visited(test.id, thirdParty)
    // that module is over once the document was read
    const stay = module.testModule.includes('discovery-openid-config')
    shown = await visit(run, thirdParty ?? startOf(run, base), stay)
    if (module.testModule.endsWith('signing-key-rotation')) {
      await sleep(1500)
      shown = await visit(run, startOf(run, base), false)
    }
  }
  const outcome = await finish(suite, test.id, 45)
  return { ...outcome, ...(shown !== undefined && { shown }) }
}

const startOf = ({ place }: PlanRun, base: string) =>
  `${base}/start?return_to=${encodeURIComponent(`${place.gatehouse}/account`)}`

function ofClient(settings: object, alias: string, base: string): object {
  const client = 'client' in settings && typeof settings.client === 'object' ? settings.client : {}
  return {
    ...settings,
    alias,
    client: {
      ...client,
      redirect_uri: `${base}/callback`,
      post_logout_redirect_uri: `${base}/signed-out`,
      backchannel_logout_uri: `${base}/backchannel-logout`,
      initiate_login_uri: `${base}/initiate`,
    },
  }
}

/** Signs in, and out where the plan is about that. What Gatehouse showed at the end. */
async function visit({ plan }: PlanRun, address: string, stay: boolean): Promise<string> {
  const browser = openBrowser()
  const page = await browser.open(address, { stay })
  const signedIn = new URL(page.url).pathname === '/account' && page.status === 200
  if (!signedIn) {
    const title = /<title>([^<]*)/.exec(page.html)?.[1] ?? ''
    return `${page.status} ${title} ${/<code>([\dA-Z]{4}-[\dA-Z]{4})</.exec(page.html)?.[1] ?? ''} at ${page.url.split('?')[0]}`
  }
  const signOut = formsOf(page).find(({ action }) => action.endsWith('/account/sign-out'))
  if (plan.suitePlan.includes('logout') && signOut !== undefined)
    await browser.open(signOut.action, { form: signOut.fields })
  return 'signed in'
}
