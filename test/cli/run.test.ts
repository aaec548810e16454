import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { namedCommands, unknownCommand } from '../../src/cli/help.ts'
import { commands } from '../../src/cli/table.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { writeFolder } from '../support/gatehouse/config-folder.ts'

let config: string
beforeAll(() => {
  config = writeFolder({ 'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections:\n  password:\n' })
  const kept = `storage: { file: ${join(config, 'gatehouse.db')} }\nmail: { directory: ${config} }\n`
  const ringKey = Buffer.alloc(32, 7).toString('base64url')
  writeFileSync(join(config, 'gatehouse.yaml'), `publicUrl: https://login.test\nkeys: [${ringKey}]\n${kept}`)
})

const id = '-wQ3vGZx0kq9m_T7c-Lw1A'
const twoHyphens = '--Q3vGZx0kq9m_T7c-Lw1A'

describe('an ID that begins with a hyphen', () => {
  it.each([
    ['stands alone', ['unblock', 'acme', id], id],
    ['stands before what it belongs to', ['unblock', id, 'acme'], id],
    ['follows an explicit --', ['unblock', 'acme', '--', id], id],
    ['follows an explicit -- with all the rest', ['unblock', '--', 'acme', id], id],
    ['has two and follows an explicit --', ['unblock', 'acme', '--', twoHyphens], twoHyphens],
  ])('is parsed as an ID when it %s', async (_, words, meant) => {
    expect(await runGatehouse('--config', config, 'users', ...words)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`tenant acme has no user ${meant}: `),
    })
  })

  it('is parsed as an ID before an option', async () => {
    expect(await runGatehouse('users', 'unblock', 'acme', id, '--config', config)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`tenant acme has no user ${id}: `),
    })
  })

  it('with two hyphens is parsed as an option, with a hint', async () => {
    expect(await runGatehouse('users', 'unblock', 'acme', twoHyphens)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`after --, as in: -- "${twoHyphens}"`),
    })
  })

  it.each([id, twoHyphens, '-ada@mail.test', '-'])('%s is the value of an option before it', async (user) => {
    expect(await runGatehouse('sessions', 'list', '--user', user, '--config', config)).toMatchObject({
      code: 1,
      error: expect.stringContaining(`there is no user ${user}`),
    })
  })

  it('is not the value of an option when it is an option itself', async () => {
    expect(await runGatehouse('sessions', 'list', '--user', '--config', config)).toMatchObject({
      code: 1,
      error: expect.stringContaining("'--user"),
    })
  })

  it('is rejected as an unknown option when it is short', async () => {
    expect(await runGatehouse('users', 'unblock', 'acme', '-x')).toMatchObject({
      code: 1,
      error: expect.stringContaining('unknown option -x'),
    })
  })
})

describe('an unknown command', () => {
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'dance', 'users'])(
    '%s is refused with a sentence',
    async (word) => {
      expect(await runGatehouse(word)).toMatchObject({
        code: 1,
        out: '',
        error: expect.stringMatching(new RegExp(`^unknown command ${word}`)),
      })
    },
  )
})

const all = namedCommands(commands)

describe('an error about what was typed', () => {
  it.each([
    [['users', 'lst'], 'unknown command users lst; did you mean users list?'],
    [['users', 'xyzzy'], 'unknown command users xyzzy; name one of: list, show, '],
    [['user', 'list'], 'unknown command user; did you mean users?'],
    [['serv'], 'unknown command serv; did you mean serve?'],
    [['keys'], 'unknown command keys; name one of: list, rotate, retire'],
    [[], 'name a command'],
  ])('names what was meant: %j', (words, sentence) => {
    expect(unknownCommand(all, words).startsWith(sentence)).toBe(true)
  })

  it.each([
    [['users', 'list', '--port', '1'], 'unknown option --port', 'gatehouse users list --help shows its options'],
    [['users', 'lst'], 'unknown command users lst', 'gatehouse users --help shows its options'],
    [['dance'], 'unknown command dance', 'gatehouse --help lists the commands'],
    [['keys', 'list', '--jsn'], 'unknown option --jsn; did you mean --json?', 'gatehouse keys list --help'],
    [['keys', 'list', '--now'], 'gatehouse keys list has no option --now', 'gatehouse keys list --help'],
  ])('takes two lines, without all of the help: %j', async (words, sentence, help) => {
    const { error } = await runGatehouse(...words)
    const lines = error.split('\n')
    expect(lines).toEqual([expect.stringContaining(sentence), expect.stringContaining(help), ''])
  })
})

const names = all.map(({ name }) => name)

describe('--help', () => {
  it('lists every command', async () => {
    const { out, code } = await runGatehouse('--help')
    expect(code).toBe(0)
    for (const name of names) expect(out).toContain(`\n  ${name} `)
  })

  it.each(names)('of %s tells that command and its options alone, and does nothing', async (name) => {
    const { out, error, code } = await runGatehouse(...name.split(' '), '--help', '--config', '/nowhere')
    expect({ error, code }).toEqual({ error: '', code: 0 })
    expect(out).toMatch(new RegExp(`^gatehouse ${name}`))
    expect(out.match(/^gatehouse/gm)).toHaveLength(1)
  })

  it('of a group lists its commands', async () => {
    const { out } = await runGatehouse('users', '--help')
    expect(out.match(/^gatehouse users (add|block|unblock)/gm)).toHaveLength(3)
  })
})

describe('a surplus argument or option', () => {
  it.each([
    [['check', 'extra'], 'gatehouse check: extra is one argument too many'],
    [['trace', '7KQ2-M9XD', 'more'], 'gatehouse trace: more is one argument too many'],
    [['users', 'block', 'acme', 'ada@acme.test', 'bob@acme.test'], 'bob@acme.test is one argument too many'],
    [['migrate', '--now'], 'gatehouse migrate has no option --now'],
    [['keys', 'list', '--email', 'ada@acme.test'], 'gatehouse keys list has no option --email'],
  ])('is rejected before the command runs: %j', async (words, sentence) => {
    const { out, error, code } = await runGatehouse(...words, '--config', config)
    expect({ out, code }).toEqual({ out: '', code: 1 })
    expect(error.split('\n')[0]).toContain(sentence)
  })
})
