import { stat } from 'node:fs/promises'
import type { StoreFigures } from '../../broker/ports/observed-store.ts'

/** Read from the file system, so that a locked file does not delay it. */
export async function fileFigures(file: string): Promise<StoreFigures> {
  const [databaseBytes, walBytes] = await Promise.all([bytesOf(file), bytesOf(`${file}-wal`)])
  return { version: process.versions['sqlite'], databaseBytes, walBytes }
}

const bytesOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
