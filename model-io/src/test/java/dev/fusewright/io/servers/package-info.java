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
 * Real stores for tests, on the loopback interface, each on a port of its own: two S3 servers, an
 * HDFS cluster, and a network in front of them that fails as often as it is told.
 *
 * <p>Other modules' tests have them by this module's test jar; {@link
 * dev.fusewright.io.servers.S3Server} also starts from a shell, for measurements.
 *
 * <p>Never here: tests.
 */
@NullMarked
package dev.fusewright.io.servers;

import org.jspecify.annotations.NullMarked;
