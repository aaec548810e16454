/**
 * A directory as mailbox, for development: each mail is one .eml file any mail program opens (RFC 5322, text as 8bit UTF-8 so
 * that a link stays on one line and can be found with grep). Files appear whole, readable by their owner only.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mail } from '../../broker/ports/mail.ts'

export interface MailboxEntry extends Mail {
  readonly file: string
  readonly writtenAt: Date
}

export async function writeToMailbox(directory: string, from: string, mail: Mail): Promise<void> {
  const writtenAt = new Date()
  const name = `${writtenAt.toISOString().replaceAll(':', '-')}-${randomUUID()}`
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unfinished = join(directory, `.${name}.part`)
  await writeFile(unfinished, emlOf(from, mail, writtenAt), { mode: 0o600, flag: 'wx' })
  await rename(unfinished, join(directory, `${name}.eml`))
}

/** The newest mails first; an empty list when there is no such directory yet. */
export async function readMailbox(directory: string, limit = 50): Promise<readonly MailboxEntry[]> {
  const files = (await filesOf(directory)).filter((file) => file.endsWith('.eml'))
  const newest = files.sort().reverse().slice(0, limit)
  return Promise.all(newest.map(async (file) => entryOf(file, await readFile(join(directory, file), 'utf8'))))
}

async function filesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw cause
  }
}

function emlOf(from: string, mail: Mail, writtenAt: Date): string {
  const boundary = `gatehouse-${randomUUID()}`
  const part = (type: string, content: string) => [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: 8bit',
    '',
    content,
  ]
  const lines = [
    `Date: ${writtenAt.toUTCString().replace('GMT', '+0000')}`,
    `From: ${from}`,
    `To: ${mail.to}`,
    `Subject: ${mail.subject}`,
    `Message-ID: <${randomUUID()}@gatehouse.invalid>`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...part('text/plain', mail.text),
    ...part('text/html', mail.html),
    `--${boundary}--`,
    '',
  ]
  return lines.join('\n').replaceAll(/\r?\n/g, '\r\n')
}

/** Reads what `emlOf` wrote; it is no general mail parser. */
function entryOf(file: string, eml: string): MailboxEntry {
  const [head = '', ...rest] = eml.replaceAll('\r\n', '\n').split('\n\n')
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? ''
  const parts = rest.join('\n\n').split(`--${boundary}`)
  const contentOf = (type: string) => {
    const part = parts.find((candidate) => candidate.includes(`Content-Type: ${type}`)) ?? ''
    return part.slice(part.indexOf('\n\n') + 2).replace(/\n$/, '')
  }
  const header = (name: string) => headerValue(head, `${name}: `)
  return {
    file,
    writtenAt: new Date(header('Date')),
    to: header('To'),
    subject: header('Subject'),
    text: contentOf('text/plain'),
    html: contentOf('text/html'),
  }
}

const headerValue = (head: string, start: string): string =>
  head
    .split('\n')
    .find((line) => line.startsWith(start))
    ?.slice(start.length) ?? ''
