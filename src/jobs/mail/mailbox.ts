/**
 * For development: writes each mail to a directory as an .eml file (RFC 5322; 8bit UTF-8 keeps
 * links on one line). Files appear complete and are readable by their owner only.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mail } from '../../broker/ports/durable.ts'

export async function writeToMailbox(directory: string, from: string, mail: Mail): Promise<void> {
  const writtenAt = new Date()
  const name = `${writtenAt.toISOString().replaceAll(':', '-')}-${randomUUID()}`
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unfinished = join(directory, `.${name}.part`)
  await writeFile(unfinished, emlOf(from, mail, writtenAt), { mode: 0o600, flag: 'wx' })
  await rename(unfinished, join(directory, `${name}.eml`))
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
