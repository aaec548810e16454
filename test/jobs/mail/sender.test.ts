import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMailbox } from '../../../demo/read-mailbox.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { mailSender, RecipientRefused, senderOf } from '../../../src/jobs/mail/sender.ts'
import { type SmtpServer, startSmtpServer } from '../../support/servers/smtp-server.ts'

const from = 'Acme <no-reply@acme.test>'
const mail = {
  to: 'ada@acme.test',
  subject: 'Grüße',
  text: `Hello,\n\nhttps://gatehouse.test/${'x'.repeat(200)}\n`,
  html: '<p>Hello</p>',
}

it.each([
  ['Gatehouse <no-reply@acme.test>', 'Demo', 'Demo via Gatehouse'],
  ['Gatehouse <no-reply@acme.test>', undefined, 'Gatehouse'],
  ['"Acme Sign-in" <no-reply@acme.test>', 'acme', 'Acme Sign-in'],
  ['no-reply@acme.test', 'Demo', 'Demo'],
  ['no-reply@acme.test', undefined, ''],
])('an email from %s for the tenant %s is signed %s', (configured, name, shown) => {
  expect(senderOf(configured, name)).toEqual({ name: shown, address: 'no-reply@acme.test' })
})

describe('sending by SMTP', () => {
  let server: SmtpServer
  beforeEach(async () => {
    server = await startSmtpServer()
  })
  afterEach(() => server.close())

  it('sends the email to one recipient, marked as automatic', async () => {
    await mailSender({ smtp: new Secret(server.url), from })(mail)
    expect(server.received).toHaveLength(1)
    expect(server.received[0]?.recipients).toEqual(['ada@acme.test'])
    expect(server.received[0]?.content).toMatch(/^From: Acme <no-reply@acme\.test>\r$/m)
    expect(server.received[0]?.content).toMatch(/^Auto-Submitted: auto-generated\r$/m)
  })

  it('RE-04 allows no header injection by the subject', async () => {
    await mailSender({ smtp: server.url, from })({ ...mail, subject: 'Hi\r\nBcc: eve@evil.test\u2028X-Evil: 1' })
    expect(server.received[0]?.recipients).toEqual(['ada@acme.test'])
    expect(server.received[0]?.content).not.toMatch(/^(Bcc|X-Evil):/m)
  })

  it('RE-04 refuses a recipient that is not in canonical form', async () => {
    const send = mailSender({ smtp: server.url, from })
    for (const to of [
      'ada@acme.test, eve@evil.test',
      'a@acme.test\r\nRCPT TO:<eve@evil.test>',
      'Ada <ada@acme.test>',
    ]) {
      await expect(send({ ...mail, to })).rejects.toThrow(RecipientRefused)
    }
    expect(server.connections()).toBe(0)
  })

  it('distinguishes permanent from temporary refusals without naming the recipient', async () => {
    const send = mailSender({ smtp: server.url, from })
    server.behave('450 try later, ada@acme.test')
    const inTheFuture = await send(mail).catch((error: unknown) => error)
    server.behave('550 no such user <ada@acme.test>')
    const never = await send(mail).catch((error: unknown) => error)
    expect(inTheFuture).toBeInstanceOf(Error)
    expect(inTheFuture).not.toBeInstanceOf(RecipientRefused)
    expect(never).toBeInstanceOf(RecipientRefused)
    expect(String(inTheFuture) + String(never)).not.toContain('ada@')
    expect(String(never)).toContain('550 no such user')
  })

  it('FT-27 times out on a server that never responds', async () => {
    server.behave('silent')
    const send = mailSender({ smtp: server.url, from, timeoutSeconds: 0.2 })
    await expect(send(mail)).rejects.toThrow(/did not accept the email: ETIMEDOUT/)
  })

  it('B11: names the cause of a closed port, an unknown host or missing TLS', async () => {
    const says = (smtp: string) =>
      mailSender({ smtp, from, timeoutSeconds: 2 })(mail).catch((error: unknown) => String(error))
    expect(await says('smtp://127.0.0.1:1')).toContain('nothing listens at that address')
    expect(await says('smtp://no-such-host.invalid')).toContain('its host cannot be resolved')
    expect(await says(server.url.replace('smtp:', 'smtps:'))).toContain('smtps:// is for port 465')
  })

  it('FT-27 names the server that is down, never its password', async () => {
    await server.close()
    const address = new URL(server.url)
    address.username = 'gatehouse'
    address.password = 'canary-of-smtp'
    const error = await mailSender({ smtp: address.href, from })(mail).catch((failure: unknown) => failure)
    expect(String(error)).toContain(`SMTP server ${address.host} did not accept the email`)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary-of-smtp')
    server = await startSmtpServer()
  })

  it.each(['smtp.acme.test:587 canary', 'https://smtp.acme.test', 'smtp://'])('refuses %s as a mail server', (smtp) => {
    expect(() => mailSender({ smtp: new Secret(smtp), from })).toThrow('smtp://host:port')
  })

  it('needs a server or a directory', () => {
    expect(() => mailSender({ from })).toThrow('an SMTP server or a directory')
  })
})

describe('sending into a directory', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'gatehouse-mail-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('writes complete .eml files that only their owner can read, with the link on one line', async () => {
    const mailbox = join(directory, 'mail')
    await mailSender({ directory: mailbox, from })(mail)
    const [file = '', ...others] = await readdir(mailbox)
    expect(others).toEqual([])
    expect(file).toMatch(/\.eml$/)
    expect((await stat(join(mailbox, file))).mode & 0o777).toBe(0o600)
    const content = await readFile(join(mailbox, file), 'utf8')
    expect(content).toMatch(/^To: ada@acme\.test\r$/m)
    expect(content).toContain(`\r\nhttps://gatehouse.test/${'x'.repeat(200)}\r\n`)
  })

  it('can be read back, newest first', async () => {
    const send = mailSender({ directory, from })
    await send(mail)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const long = `${'漢字 50% '.repeat(9)}Grüße`
    await send({ ...mail, subject: long })
    const entries = await readMailbox(directory)
    expect(entries.map((entry) => entry.subject)).toEqual([long, 'Grüße'])
    expect(entries[1]).toMatchObject(mail)
    expect(await readMailbox(directory, 1)).toHaveLength(1)
    expect(await readMailbox(join(directory, 'nowhere'))).toEqual([])
  })
})
