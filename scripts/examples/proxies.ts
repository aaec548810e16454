/** Reverse proxies before an app without sign-in of its own. */
import { chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { freePort } from '../../test/support/servers/servers.ts'
import { folderOf, inBrowser, withProgram } from './apps.ts'
import type { Example, Setting } from './example.ts'
import { walkProxy } from './walk.ts'

type Command = readonly [string, ...string[]]

/** All proxies use the one address that the quickstart has for them. */
const oneByOne = pLimit(1)

function proxy(name: string, command: Command): Example {
  const run = (setting: Setting) =>
    oneByOne(async () => {
      const { gatehouse, proxy } = setting.quickstart
      const appPort = String(await freePort())
      const cwd = join(setting.folder, name)
      const ports = { 4000: new URL(gatehouse).port, 4023: new URL(proxy).port, 3000: appPort }
      await copyWith(folderOf(name), cwd, ports)
      const env = { ISSUER: gatehouse, AUDIENCE: proxy, TENANT: 'demo', PORT: appPort }
      await withProgram([process.execPath, 'app.js'], { cwd: folderOf('behind-proxy'), env }, (app) =>
        withProgram(command, { cwd }, async (server) => {
          await app.answers(`http://127.0.0.1:${appPort}`)
          await server.answers(proxy)
          await inBrowser(setting, (page) => walkProxy(page, gatehouse, proxy))
        }),
      )
    })
  return { name, needs: [command[0]], run }
}

/** Copies a configuration with other ports, and temporary files of its own. */
async function copyWith(from: string, to: string, ports: Readonly<Record<string, string>>): Promise<void> {
  await cp(from, to, { recursive: true })
  await chmod(to, 0o755) // nginx runs its workers as another user
  for (const file of await readdir(to)) {
    const text = await readFile(join(to, file), 'utf8')
    const changed = text.replace(/\b(localhost|127\.0\.0\.1):(\d+)/g, (all, host, port) =>
      ports[port] === undefined ? all : `${host}:${ports[port]}`,
    )
    // the port of its admin endpoint is fixed
    const withoutAdmin = file === 'Caddyfile' ? `{\n\tadmin off\n}\n${changed}` : changed
    await writeFile(join(to, file), withoutAdmin.replaceAll('/tmp/gatehouse-nginx', join(to, 'nginx')))
  }
}

export const proxies: readonly Example[] = [
  proxy('nginx', ['nginx', '-p', '.', '-c', 'nginx.conf', '-e', 'stderr']),
  proxy('caddy', ['caddy', 'run', '--config', 'Caddyfile', '--adapter', 'caddyfile']),
  proxy('traefik', ['traefik', '--configFile=traefik.yaml']),
]
