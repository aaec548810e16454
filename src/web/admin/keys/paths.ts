/** Addresses of the pages about keys. */
import { sections } from '../sections.ts'

export const keysPath = sections.keys.path
export const rotatePath = `${keysPath}/rotate`
export const retirePath = (id: string) => `${keysPath}/${encodeURIComponent(id)}/retire`
