import { publicRoute, type WebRoute } from '../route.ts'
import { listButtons, sendButtonsModule } from './buttons.ts'

export const buttonRoutes: readonly WebRoute[] = [
  publicRoute('/buttons.js', sendButtonsModule),
  publicRoute('/buttons/:file', sendButtonsModule),
  publicRoute('/buttons.json', listButtons),
]
