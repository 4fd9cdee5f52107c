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

/**
 * The safetensors format.
 *
 * <pre>
 * bytes 0..7      N, the header's length, unsigned little-endian
 * bytes 8..8+N    the header: JSON in UTF-8 that begins with '{', padded with spaces
 * bytes 8+N..end  the tensors' bytes, little-endian, row-major, back to back
 *
 * header  {"__metadata__": {text: text, …}, name: {"dtype": T, "shape": [n, …], "data_offsets": [begin, end]}, …}
 * T       BOOL U8 I8 I16 U16 I32 U32 I64 U64 F16 BF16 F32 F64 C64, and those below a byte or of one
 * </pre>
 *
 * <p>Offsets count from the header's end. They must cover the rest of the file without gap or overlap, each range as
 * long as its type and shape say; names must occur once. Whatever breaks this is refused with the byte of the entry.
 *
 * <p>Limits: 100 MB of header, as the reference implementation has it, and 128 MB of heap for what it says (some
 * 400,000 tensors). Types of six bits are carried, not computed with.
 *
 * <p>A file has one state dict and no {@code _metadata}: module versions cannot be kept, and writing names them as
 * dropped. Tensors cannot share bytes.
 *
 * <p>Must never appear here: PyTorch's pickles; guesses about what names mean.
 */
@NullMarked
package dev.fusewright.io.safetensors;

import org.jspecify.annotations.NullMarked;
