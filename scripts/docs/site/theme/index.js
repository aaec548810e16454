/** The theme: VitePress's own, with fonts of the system. */
import DefaultTheme from 'vitepress/theme-without-fonts'
import './style.css'

export default DefaultTheme
