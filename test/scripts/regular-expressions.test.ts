/**
 * No text that a client or an upstream sends may block the process: every regular expression of
 * ours is linear.
 */
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { parseAst } from 'vitest/node'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = globSync('{src,providers,scripts,demo}/**/*.{ts,tsx,mjs}', { cwd: root }).sort()

interface Expression {
  readonly place: string
  readonly pattern: string
  readonly flags: string
}

function literalsOf(file: string): readonly Expression[] {
  const code = readFileSync(`${root}${file}`, 'utf8')
  const lang = file.endsWith('.tsx') ? 'tsx' : file.endsWith('.ts') ? 'ts' : 'js'
  const found: Expression[] = []
  visit(parseAst(code, { lang }), (node) => {
    const { regex, start } = node
    if (isPattern(regex)) found.push({ place: `${file}:${lineAt(code, start)}`, ...regex })
  })
  return found
}

const lineAt = (code: string, at: unknown) => code.slice(0, Number(at)).split('\n').length

function isPattern(value: unknown): value is { pattern: string; flags: string } {
  return typeof value === 'object' && value !== null && 'pattern' in value
}

function visit(node: unknown, see: (node: Readonly<Record<string, unknown>>) => void): void {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) see(node as Record<string, unknown>)
  for (const child of Object.values(node)) visit(child, see)
}

/** Those that modules build of parts as they are loaded: recorded in a process of its own. */
async function builtBy(modules: readonly string[]): Promise<readonly Expression[]> {
  const script = `
    const built = []
    const original = globalThis.RegExp
    globalThis.RegExp = new Proxy(original, {
      construct(target, [pattern, flags = '']) {
        const caller = new Error().stack.split('\\n')[2]
        const place = ${JSON.stringify(modules)}.find((file) => caller.includes(file))
        if (place !== undefined) built.push({ place, pattern, flags })
        return new target(pattern, flags)
      },
    })
    for (const file of ${JSON.stringify(modules)}) await import(${JSON.stringify(pathToFileURL(root).href)} + file)
    console.log(JSON.stringify(built))
    process.exit()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return JSON.parse(stdout)
}

/** Where each of them is slow. One that does not end within `timeoutMs` is slow too. */
async function slowOnes(expressions: readonly Expression[], timeoutMs = 20_000): Promise<readonly string[]> {
  const slow: string[] = []
  for (let from = 0; from < expressions.length; ) {
    const lastIndex = await runFrom({ expressions, from }, timeoutMs, (index, text) =>
      slow.push(`${expressions[index]?.place}: /${expressions[index]?.pattern}/ on ${JSON.stringify(text)}…`),
    )
    from = lastIndex + 1
  }
  return slow
}

/** The last expression that was dealt with. */
async function runFrom(
  job: { readonly expressions: readonly Expression[]; readonly from: number },
  timeoutMs: number,
  tell: (index: number, text: string) => void,
): Promise<number> {
  const worker = new Worker(new URL('./regular-expressions.worker.ts', import.meta.url), {
    workerData: job,
  })
  try {
    return await new Promise<number>((done, failed) => {
      let lastIndex = job.from - 1
      const givenUp = () => {
        lastIndex += 1
        tell(lastIndex, 'a text on which it did not end')
        done(lastIndex)
      }
      let timer = setTimeout(givenUp, timeoutMs)
      worker.on('error', failed).on('message', (message) => {
        clearTimeout(timer)
        if (message === 'done') return done(lastIndex)
        timer = setTimeout(givenUp, timeoutMs)
        lastIndex = message.index
        if (message.slowOn !== null) tell(message.index, message.slowOn)
      })
    })
  } finally {
    await worker.terminate()
  }
}

describe('regular expressions', () => {
  it('A2: run in linear time', { timeout: 240_000 }, async () => {
    const literals = files.flatMap(literalsOf)
    const builders = files.filter((file) => /new RegExp\(/.test(readFileSync(`${root}${file}`, 'utf8')))
    const built = await builtBy(builders)
    expect(literals.length).toBeGreaterThan(200)
    expect(new Set(built.map(({ place }) => place)), 'built as the module is loaded').toEqual(new Set(builders))
    expect(await slowOnes([...literals, ...built])).toEqual([])
  })

  it('A2: are found when quadratic or exponential', { timeout: 120_000 }, async () => {
    const bad = [/\s+$/, /[^@]*@x/, /(\d+)\.(\d+)$/, /^(a+)+$/, /\/\*[\s\S]*?\*\//g].map(
      ({ source, flags }, index) => ({
        place: `${index}`,
        pattern: source,
        flags,
      }),
    )
    const places = (await slowOnes(bad, 2000)).map((found) => found.split(':')[0])
    expect(places).toEqual(['0', '1', '2', '3', '4'])
  })
})
