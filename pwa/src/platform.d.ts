/** What the build tells the app about the Python pack; undefined where no pack was built. */
declare const __PACK__: import('./python/pack').Pack | undefined

/** What the build tells the app about the ONNX runtime of Play; undefined where it was not placed. */
declare const __PLAY_PACK__: import('./offline/play_files').Runtime | undefined

/** The version of the app; undefined where no build sets it. */
declare const __APP_VERSION__: string | undefined
