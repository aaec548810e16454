/** `gatehouse mail preview` as it is typed. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../../src/cli/run.ts'
import { tenant, writeFolder } from '../../support/gatehouse/config-folder.ts'

const config = writeFolder({
  'gatehouse.yaml': 'publicUrl: https://login.example.com\nmail: { directory: var/mail }\n',
  'tenants/acme.yaml': `${tenant('acme')}branding: { color: "#0a6640" }\n`,
})

/** In this process, since Node runs no .tsx by itself. */
async function preview(...args: readonly string[]) {
  const written = { out: '', error: '' }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written.out += chunk
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written.error += chunk
      return true
    }),
  ]
  try {
    const code = await runCommand(['mail', 'preview', '--config', config, ...args])
    return { ...written, code }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('gatehouse mail preview', () => {
  it('writes every email as HTML and text, in the name and the color of the tenant', async () => {
    const out = mkdtempSync(join(tmpdir(), 'gatehouse-mails-'))
    const { out: list, code } = await preview('--tenant', 'acme', '--out', out)
    const files = readdirSync(out)
    expect([code, list]).toEqual([0, expect.stringMatching(/^new-device +New sign-in to /m)])
    expect(files.filter((file) => file.endsWith('.html'))).toHaveLength(files.length / 2)
    expect(files.length).toBeGreaterThan(60)
    expect(readFileSync(join(out, 'new-device.html'), 'utf8')).toContain('background:#0a6640')
    expect(readFileSync(join(out, 'sign-in-code.txt'), 'utf8')).toContain('https://login.example.com/')
  })

  it('writes one email, and names the nearest if there is none of the name', async () => {
    const out = mkdtempSync(join(tmpdir(), 'gatehouse-mails-'))
    expect(await preview('reset-done', '--out', out)).toMatchObject({
      code: 1,
      error: expect.stringContaining('there is no email reset-done'),
    })
    expect((await preview('sign-up', '--out', out)).code).toBe(0)
    expect(readdirSync(out)).toEqual(['sign-up.html', 'sign-up.txt'])
  })

  it('explains itself', async () => {
    const { out } = await preview('--help')
    expect(out).toContain('gatehouse mail preview [name] [options]')
    expect(out).toContain('--out <folder>')
  })
})
