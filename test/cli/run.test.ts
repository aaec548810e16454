import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeFolder } from '../config/folder.ts'
import { typed } from './typed.ts'

let config: string
beforeAll(() => {
  config = writeFolder({ 'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections:\n  password:\n' })
  const kept = `storage: { file: ${join(config, 'gatehouse.db')} }\nmail: { directory: ${config} }\n`
  const ringKey = Buffer.alloc(32, 7).toString('base64url')
  writeFileSync(join(config, 'gatehouse.yaml'), `publicUrl: https://login.test\nkeys: [${ringKey}]\n${kept}`)
})

const id = '-wQ3vGZx0kq9m_T7c-Lw1A'
const twoHyphens = '--Q3vGZx0kq9m_T7c-Lw1A'

describe('an id that begins with a hyphen', () => {
  it.each([
    ['stands alone', ['unblock', 'acme', id], id],
    ['stands between options', ['unblock', 'acme', id, '--json'], id],
    ['stands before what it belongs to', ['unblock', id, 'acme'], id],
    ['follows an explicit --', ['unblock', 'acme', '--', id], id],
    ['follows an explicit -- with all the rest', ['unblock', '--', 'acme', id], id],
    ['has two and follows an explicit --', ['unblock', 'acme', '--', twoHyphens], twoHyphens],
  ])('is the id it is when it %s', async (_, words, meant) => {
    expect(await typed('--config', config, 'users', ...words)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`tenant acme has no user ${meant}: `),
    })
  })

  it('with two of them is taken for an option, and says how to type it', async () => {
    expect(await typed('users', 'unblock', 'acme', twoHyphens)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`after '--', as in '-- "${twoHyphens}"`),
    })
  })

  it('is none where it is short: a mistyped option is refused', async () => {
    expect(await typed('users', 'unblock', 'acme', '-x')).toMatchObject({
      code: 1,
      error: expect.stringContaining("Unknown option '-x'"),
    })
  })
})

describe('a word that is no command', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'dance', 'users'])(
    '%s is refused with a sentence',
    async (word) => {
      expect(await typed(word)).toMatchObject({
        code: 1,
        out: '',
        error: expect.stringMatching(new RegExp(`^unknown command ${word}`)),
      })
    },
  )
})
