export {
  type Api,
  type App,
  type AppKey,
  type AppKind,
  type ClientSecret,
  canKeepSecret,
  mayServe,
} from '../app/app.ts'
