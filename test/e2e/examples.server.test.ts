/** `npm run examples` in Chromium, with the examples that need no download. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

const names = ['express', 'hono', 'single-page-app', 'react-headless', 'native-app', 'device-flow', 'nginx', 'caddy']

async function runExamples(only: string) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'examples', '--only', only])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}

it('signs in to and out of each of them, and prints which ran', async () => {
  const { code, output } = await runExamples(names.join(','))
  expect(code, output).toBe(0)
  expect([...output.matchAll(/^([a-z-]+) +ran +[\d.]+ s$/gm)].map(([, name]) => name)).toEqual(names)
  expect(output).toContain(`${names.length} ran, 0 skipped, 0 failed`)
})

it('names the examples if it does not know one', async () => {
  const { code, output } = await runExamples('cobol')
  expect(code).toBe(1)
  expect(output).toContain('There is no example cobol: express, hono, nextjs,')
})
