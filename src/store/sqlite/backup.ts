/** A copy of the embedded file, made while other processes read and write it. */
import { closeSync, existsSync, fsyncSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../primitives/directory.ts'

/** Limit of SQLite's own wait for a process that recovers or closes the file. */
const blockingMs = 5000

/**
 * Writes everything that was committed when the copy began to `target`, a new file with mode 0600;
 * returns its size in bytes. Writers are not delayed. Throws a sentence for the operator.
 */
export function copyEmbeddedFile(file: string, target: string): number {
  assertEmbeddedFile(file)
  makeFolder(dirname(target))
  closeSync(openSync(target, 'wx', 0o600)) // VACUUM INTO accepts an empty file
  const database = new DatabaseSync(file, { timeout: blockingMs })
  try {
    database.prepare('vacuum into ?').run(target)
  } finally {
    database.close()
  }
  checkCopy(target)
  syncToDisk(target)
  syncToDisk(dirname(target))
  return statSync(target).size
}

export function assertEmbeddedFile(file: string): void {
  if (!existsSync(file)) throw new Error(`there is no file ${file}: check storage.file and the working directory`)
}

function checkCopy(file: string): void {
  const copy = new DatabaseSync(file, { readOnly: true })
  try {
    const [first] = copy.prepare('pragma integrity_check').all()
    const result = String(first?.['integrity_check'])
    if (result !== 'ok') throw new Error(`the copy ${file} is damaged (${result}): check the disk, and the file itself`)
  } finally {
    copy.close()
  }
}

/** A copy counts once it survives a power cut. */
export function syncToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
