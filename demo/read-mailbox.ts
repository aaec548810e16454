/** Reads the emails that Gatehouse wrote to a directory. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mail } from '../src/broker/ports/durable.ts'

export interface MailboxEntry extends Mail {
  readonly file: string
  readonly writtenAt: Date
}

/** The newest emails first; empty without the directory. */
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

/** Reads files of src/jobs/mail/mailbox.ts only. */
function entryOf(file: string, eml: string): MailboxEntry {
  const [folded = '', ...rest] = eml.replaceAll('\r\n', '\n').split('\n\n')
  const head = folded.replaceAll(/\n[ \t]+/g, ' ') // RFC 5322 2.2.3
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
    subject: withoutEncodedWords(header('Subject')),
    text: contentOf('text/plain'),
    html: contentOf('text/html'),
  }
}

const headerValue = (head: string, start: string): string =>
  head
    .split('\n')
    .find((line) => line.startsWith(start))
    ?.slice(start.length) ?? ''

/** Encoded words of RFC 2047; nodemailer writes them in UTF-8. */
const withoutEncodedWords = (text: string) =>
  text.replaceAll(/=\?UTF-8\?([QB])\?([^?]*)\?=(?: (?==\?))?/gi, (_, encoding: string, content: string) =>
    encoding.toUpperCase() === 'B'
      ? Buffer.from(content, 'base64').toString()
      : decodeURIComponent(content.replaceAll('_', ' ').replaceAll('=', '%')),
  )
