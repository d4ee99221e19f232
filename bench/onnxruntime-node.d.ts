/** Installed in this folder alone; its interface is that of the package that it shares with onnxruntime-web. */
declare module 'onnxruntime-node' {
  export * from 'onnxruntime-common';
}
