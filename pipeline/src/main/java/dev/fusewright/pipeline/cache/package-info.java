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
 * The action cache: what earlier runs made of an entry, from which files and with which settings,
 * so that an entry whose output is still right is {@code UNCHANGED}. On disk it is the folder
 * {@code receipts/} of batches ({@code ReceiptFolder} says what is where).
 *
 * <p>A receipt is a {@link dev.fusewright.pipeline.files.AvroMessage}: one record, with a
 * fingerprint of its schema and a checksum. Every schema that one was written with is kept among
 * the resources, {@code receipts/<fingerprint>.avsc}. A batch is a container file of them, with a
 * hash of each id in its header, and of each content: by that a model of the same bytes finds it.
 * Receipts of earlier versions, in files of their own below {@code ledger/}, are read as well.
 *
 * <p>Must never appear here: Beam, Flink, how a model is fused.
 */
@NullMarked
package dev.fusewright.pipeline.cache;

import org.jspecify.annotations.NullMarked;
