/**
 * Writes each email to a directory as an .eml file (RFC 5322), for development. Files appear
 * complete and are readable by their owner only.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SendMailOptions } from 'nodemailer'

export async function writeToMailbox(directory: string, mail: SendMailOptions): Promise<void> {
  const { createTransport } = await import('nodemailer')
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const parts = { text: unfolded('text/plain', mail.text), html: unfolded('text/html', mail.html) }
  const { message } = await writer.sendMail({ ...mail, ...parts })
  const name = `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID()}`
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unfinished = join(directory, `.${name}.part`)
  await writeFile(unfinished, message, { mode: 0o600, flag: 'wx' })
  await rename(unfinished, join(directory, `${name}.eml`))
}

/** 8bit UTF-8 keeps a link on one line; nodemailer would encode it as quoted-printable. */
const unfolded = (type: string, content: SendMailOptions['text']) => ({
  raw: `Content-Type: ${type}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${content}`,
})
