/** Examples that sign users in by OpenID Connect or the API. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { freePort } from '../../test/support/servers/servers.ts'
import type { AppDraft, Example, Setting } from './example.ts'
import { complete, type Program, type ProgramOptions, start } from './program.ts'
import { walkApp, walkDevice, walkHeadless, walkNative } from './walk.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const folderOf = (name: string) => join(root, 'examples', name)
const vite = join(root, 'node_modules/vite/bin/vite.js')
const node = process.execPath

/** What a web app is started with: the settings of its README. */
interface Settings {
  readonly ISSUER: string
  readonly CLIENT_ID: string
  readonly CLIENT_SECRET: string
  readonly PORT: string
}

type Command = readonly [string, ...string[]]

interface Prepared {
  readonly command: Command
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly startMs?: number
}

/** @param prepare installs the packages of the example and returns its command */
function webApp(
  name: string,
  needs: readonly string[],
  prepare: (setting: Setting, settings: Settings) => Promise<Prepared>,
  kind: AppDraft['kind'] = 'web',
): Example {
  const run = async (setting: Setting) => {
    const { quickstart, register } = setting
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const app = await register({
      name,
      kind,
      redirectUris: [`${origin}/callback`],
      postLogoutRedirectUris: [`${origin}/`],
    })
    const settings = {
      ISSUER: quickstart.gatehouse,
      CLIENT_ID: app.id,
      CLIENT_SECRET: app.secret,
      PORT: String(port),
    }
    const { command, env, ...options } = await prepare(setting, settings)
    await withProgram(command, { ...options, env: { ...settings, ...env } }, async (program) => {
      await program.answers(origin)
      await inBrowser(setting, (page) => walkApp(page, quickstart.gatehouse, origin))
    })
  }
  return { name, needs, run }
}

/** A program of the terminal, without a secret. */
function terminalApp(
  name: string,
  draft: Pick<AppDraft, 'redirectUris'>,
  walk: (page: Page, gatehouse: string, program: Program) => Promise<void>,
): Example {
  const run = async (setting: Setting) => {
    const { quickstart, register } = setting
    const { id } = await register({ name, kind: 'native', ...draft })
    const env = { ISSUER: quickstart.gatehouse, CLIENT_ID: id }
    await withProgram([node, 'app.js'], { cwd: folderOf(name), env }, (program) =>
      inBrowser(setting, (page) => walk(page, quickstart.gatehouse, program)),
    )
  }
  return { name, needs: [], run }
}

export async function withProgram(
  command: Command,
  options: ProgramOptions,
  work: (program: Program) => Promise<void>,
): Promise<void> {
  const program = start(command, options)
  try {
    await work(program)
  } catch (error) {
    throw new Error(`${(error as Error).message}\n--- output of ${command.join(' ')}\n${program.output()}`)
  } finally {
    await program.stop()
  }
}

export async function inBrowser({ browser }: Setting, walk: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await walk(page).catch((error) => {
      throw new Error(`${error.message}\nat ${page.url()}`)
    })
  } finally {
    await context.close()
  }
}

/** Copies the example, so that packages and built files stay outside the repository. */
async function copyOf(name: string, { folder }: Setting): Promise<string> {
  const copy = join(folder, name)
  await cp(folderOf(name), copy, { recursive: true })
  return copy
}

/** Runs with the packages of the repository. */
const nodeApp = (name: string) => webApp(name, [], async () => ({ command: [node, 'app.js'], cwd: folderOf(name) }))

export const apps: readonly Example[] = [
  nodeApp('express'),
  nodeApp('hono'),
  webApp('nextjs', ['npm'], async (setting, { PORT }) => {
    const cwd = await copyOf('nextjs', setting)
    await complete(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd })
    const env = { SESSION_SECRET: 'x'.repeat(32), NEXT_TELEMETRY_DISABLED: '1' }
    return { command: ['npm', 'run', 'dev', '--', '--port', PORT], cwd, env }
  }),
  webApp(
    'single-page-app',
    [],
    async (_setting, { PORT, ISSUER, CLIENT_ID }) => ({
      command: [node, vite, '--port', PORT, '--strictPort'],
      cwd: folderOf('single-page-app'),
      env: { VITE_ISSUER: ISSUER, VITE_CLIENT_ID: CLIENT_ID },
    }),
    'single-page',
  ),
  {
    name: 'react-headless',
    needs: [],
    async run(setting) {
      const { gatehouse, react, person } = setting.quickstart
      const command: Command = [node, vite, '--port', new URL(react).port, '--strictPort']
      const options = { cwd: folderOf('react-headless'), env: { VITE_GATEHOUSE: gatehouse, VITE_TENANT: 'demo' } }
      await withProgram(command, options, async (program) => {
        await program.answers(react)
        await inBrowser(setting, (page) => walkHeadless(page, react, person))
      })
    },
  },
  terminalApp('native-app', { redirectUris: ['http://127.0.0.1/callback'] }, walkNative),
  terminalApp('device-flow', {}, walkDevice),
  webApp('python', ['python3'], async (setting, { PORT }) => {
    const cwd = await copyOf('python', setting)
    await complete(['python3', '-m', 'venv', '.venv'], { cwd })
    await complete(['.venv/bin/pip', 'install', '--quiet', '-r', 'requirements.txt'], { cwd })
    return { command: ['.venv/bin/flask', '--app', 'app', 'run', '--port', PORT], cwd }
  }),
  webApp('go', ['go'], async (setting) => {
    const cwd = await copyOf('go', setting)
    await complete(['go', 'build', '-o', 'app', '.'], { cwd })
    return { command: ['./app'], cwd }
  }),
  webApp('java', ['java', 'mvn'], async (setting) => {
    const cwd = await copyOf('java', setting)
    return { command: ['mvn', '--batch-mode', 'spring-boot:run'], cwd, startMs: 300_000 }
  }),
]
