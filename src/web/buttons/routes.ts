import { getRoute, type WebRoute } from '../route.ts'
import { listButtons, sendButtonsModule } from './buttons.ts'

export const buttonRoutes: readonly WebRoute[] = [
  getRoute('/buttons.js', 'anyone', sendButtonsModule),
  getRoute('/buttons/:file', 'anyone', sendButtonsModule),
  getRoute('/buttons.json', 'anyone', listButtons),
]
