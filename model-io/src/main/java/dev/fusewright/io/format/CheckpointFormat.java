/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.format;

/** What a file is, by its first bytes and, for an archive, its entries. */
public enum CheckpointFormat {
  /** A serialised ONNX {@code ModelProto}. */
  ONNX(".onnx"),
  /** PyTorch's zip archive of a pickle and storages, from torch 1.6 on. */
  TORCH_ZIP(".pth"),
  /** PyTorch's stream of pickles with the storages behind them, up to torch 1.5. */
  TORCH_LEGACY(".pth"),
  /** A TorchScript archive: a zip with {@code code/} in it. */
  TORCHSCRIPT(".pt"),
  /** safetensors. */
  SAFETENSORS(".safetensors"),
  /** None of these. */
  UNKNOWN("");

  private final String extension;

  CheckpointFormat(String extension) {
    this.extension = extension;
  }

  /** The usual file name extension, with its dot. */
  public String extension() {
    return extension;
  }
}
