/** The key ring's secrets: configured, or made at the first start beside the database. */
import { randomBytes } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../primitives/directory.ts'
import { withLineFeeds } from '../../primitives/encoded-text.ts'
import { keyBytes } from '../schema/text.ts'
import type { Deployment } from './deployment.ts'

/** Newest first. Throws when the key file cannot be read or made, or holds no key. */
export async function loadKeyRingSecrets(deployment: Pick<Deployment, 'keys' | 'storage'>): Promise<Uint8Array[]> {
  if (deployment.keys.length > 0) return deployment.keys.map((key) => bytesOf(key.reveal(), 'a key in gatehouse.yaml'))
  const file = keyFileOf(deployment)
  const text = (await readIfThere(file)) ?? (await createOnce(file))
  const keys = withLineFeeds(text)
    .split('\n')
    .map((line) => line.trim())
  const secrets = keys.filter((line) => line !== '' && !line.startsWith('#')).map((line) => bytesOf(line, file))
  if (secrets.length === 0) throw new Error(`${file} holds no key: restore it, or remove it to begin with a new one`)
  return secrets
}

export function keyFileOf({ storage }: Pick<Deployment, 'storage'>): string {
  return `${storage.file}.key`
}

function bytesOf(text: string, where: string): Uint8Array {
  const bytes = keyBytes(text)
  if (bytes === undefined) throw new Error(`${where} must be at least 32 bytes as base64url, base64 or hex`)
  return bytes
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Written under another name, then linked: `link` never replaces a file. Of two processes that
 * start together, one makes the key and both read it; neither reads half of it.
 */
async function createOnce(file: string): Promise<string> {
  makeFolder(dirname(file))
  const draft = `${file}.${randomBytes(8).toString('hex')}`
  try {
    await writeDurably(
      draft,
      `# Seals personal data and cookies of this Gatehouse. Keep it as safe as the database.\n${randomBytes(32).toString('base64url')}\n`,
    )
    await link(draft, file).catch((error: unknown) => {
      if (!isCode(error, 'EEXIST')) throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(file))
  return readFile(file, 'utf8')
}

async function writeDurably(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(text)
  await handle.sync()
}

/** A name in a folder survives a power cut only once the folder was synced. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder)
  await handle.sync()
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
