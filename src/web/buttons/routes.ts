import type { WebRoute } from '../route.ts'
import { listButtons, sendButtonsModule } from './buttons.ts'

export const buttonRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/buttons.js', caller: 'anyone', handler: sendButtonsModule },
  { method: 'get', path: '/buttons/:file', caller: 'anyone', handler: sendButtonsModule },
  { method: 'get', path: '/buttons.json', caller: 'anyone', handler: listButtons },
]
