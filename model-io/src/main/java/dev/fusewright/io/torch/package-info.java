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
 * PyTorch's checkpoints: zip archives, the legacy stream, and the parameters of TorchScript archives.
 *
 * <pre>
 * zip (torch 1.6 and later), entries stored, payloads aligned to 64 bytes
 *   NAME/data.pkl     a pickle, protocol 2; storages are persistent ids
 *                     ('storage', torch.FloatStorage, key, location, elements)
 *   NAME/byteorder    "little" or "big" (torch 2)
 *   NAME/data/KEY     the bytes of one storage, in that order
 *   NAME/version      "3"
 *   NAME/code/…       TorchScript only: text, of which BatchNorms' classes are looked at for eps
 *
 * legacy (torch 1.5 and earlier), one stream
 *   pickle            0x1950a86a20f9469cfc6c
 *   pickle            1001
 *   pickle            {'protocol_version': 1001, 'little_endian': True, 'type_sizes': …}
 *   pickle            the value
 *   pickle            [storage keys]
 *   per key           number of elements (int64), then the bytes
 * </pre>
 *
 * <p><b>The pickle</b> is interpreted by {@link dev.fusewright.io.torch.PickleReader}: nothing is imported, called or
 * instantiated. {@link dev.fusewright.io.torch.PickleCalls} knows the calls that build plain values and tensors; any other
 * call, and an object of whatever class, is an inert value, so that a whole pickled module gives its parameters and an enum
 * beside the weights costs nothing. A tensor is a view of a storage, checked to lie within it; strided views are gathered
 * while they are read.
 *
 * <p><b>Refused</b>, with the byte: names such as {@code os.system} ({@link dev.fusewright.io.torch.ForbiddenNames}),
 * opcodes that no checkpoint uses, entries that overlap, occur twice, climb out of the archive or unpack to 250 times their
 * size, storages that are shorter than they claim, tensors beyond their storage, nests deeper than 400, the tar format of
 * torch before 0.1.10.
 * The limits stand in {@link dev.fusewright.io.torch.TorchFormat}; within them reading takes no more than some 150 MB of
 * heap and no time that grows faster than the file.
 *
 * <p><b>Written</b> are zip archives with the opcodes that {@code torch.load(weights_only=True)} knows since torch 1.13.
 * What stood beside the state dict is written again if it is plain (numbers, text, tensors, dicts, lists, tuples),
 * otherwise left out by name: an object would have to run code to come back.
 *
 * <p>Must never appear here: {@code ObjectInputStream}, reflection, processes, or anything else that a file could steer.
 */
@NullMarked
package dev.fusewright.io.torch;

import org.jspecify.annotations.NullMarked;
