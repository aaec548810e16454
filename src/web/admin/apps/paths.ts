import { sections } from '../sections.ts'

export const appsPath = sections.apps.path

export const appHref = (id: string) => `${appsPath}/${encodeURIComponent(id)}`
