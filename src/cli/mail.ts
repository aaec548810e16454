/** `gatehouse mail preview`: every email with sample content, as files to look at. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { suggestion } from '../config/schema/closest-word.ts'
import { sampleMails } from '../jobs/mail/samples.ts'
import { readConfig, requireKnown } from './open.ts'
import type { Options, Output } from './options.ts'

export async function previewMails(options: Options): Promise<Output> {
  const [wanted] = options.words
  const { tenants, deployment } = await readConfig(options)
  const [first] = tenants
  const tenant =
    options.tenant === undefined && first !== undefined ? first : requireKnown('tenant', options.tenant, tenants)
  const all = sampleMails({
    tenantName: tenant.name,
    color: tenant.branding?.color,
    publicUrl: new URL(deployment.publicUrl),
  })
  const names = Object.keys(all)
  if (wanted !== undefined && !names.includes(wanted))
    throw new Error(`there is no email ${wanted}; ${suggestion(wanted, names)}`)
  const chosen = Object.entries(all).filter(([name]) => wanted === undefined || name === wanted)
  const folder = resolve(options.out ?? 'mail-preview')
  await mkdir(folder, { recursive: true })
  for (const [name, { subject, text, html }] of chosen) {
    await writeFile(join(folder, `${name}.html`), html)
    await writeFile(join(folder, `${name}.txt`), `Subject: ${subject}\n\n${text}`)
  }
  const width = Math.max(...chosen.map(([name]) => name.length))
  const lines = chosen.map(([name, { subject }]) => `${name.padEnd(width)}  ${subject}\n`)
  return `${lines.join('')}\nwritten to ${folder} as .html and .txt, as ${tenant.name} sends them\n`
}
