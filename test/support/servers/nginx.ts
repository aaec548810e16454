/** The real nginx with the configuration of examples/nginx, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface Nginx {
  /** What it wrote about errors. */
  errors(): Promise<string>
  stop(): Promise<void>
}

const example = fileURLToPath(new URL('../../../examples/nginx', import.meta.url))

/** @param values replacements of texts of the file; each must occur in it */
export async function startNginx(
  port: number,
  values: Readonly<Record<string, string>>,
  file: 'app.conf' | 'gatehouse.conf' = 'app.conf',
): Promise<Nginx> {
  const program = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find(
    existsSync,
  )
  if (program === undefined) throw new Error('nginx is missing: apt-get install nginx-light')
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-nginx-'))
  await cp(example, folder, { recursive: true })
  await writeFile(join(folder, file), filledIn(await readFile(join(example, file), 'utf8'), values))
  await writeFile(join(folder, 'nginx.conf'), mainConfig(folder, file))
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const errors = () => readFile(join(folder, 'error.log'), 'utf8')
  await untilListening(child, port, async () => `${said}\n${await errors().catch(() => '')}`)
  return {
    errors,
    async stop() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Replaces all texts at once, so that no replacement is replaced again. Throws if one does not
 * occur.
 */
export function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  const longestFirst = Object.entries(values).sort(([a], [b]) => b.length - a.length)
  return longestFirst.reduceRight(
    (marked, [, value], at) => marked.replaceAll(`\0${at}\0`, value),
    longestFirst.reduce((marked, [found], at) => {
      if (!marked.includes(found)) throw new Error(`the example has no ${found}`)
      return marked.replaceAll(found, `\0${at}\0`)
    }, text),
  )
}

const mainConfig = (folder: string, file: string) => `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  include ${folder}/${file};
}
`

export async function untilListening(child: ChildProcess, port: number, said: () => Promise<string>): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (child.exitCode !== null) throw new Error(`the proxy ended with ${child.exitCode}:\n${await said()}`)
    if (await isListening(port)) return
    await sleep(20)
  }
  throw new Error(`the proxy does not listen on ${port}:\n${await said()}`)
}

function isListening(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })
}
