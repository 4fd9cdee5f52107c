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
package dev.fusewright.io.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Set;
import org.apache.hadoop.ipc.RemoteException;

/**
 * Classification of storage errors: those that may pass, and those that a person must see to.
 * Hadoop's are known by name, for Hadoop need not be there.
 */
public final class StorageErrors {
  /** By name: their classes are in Hadoop's and in connectors' jars. */
  private static final Set<String> PERMANENT =
      Set.of(
          // S3A: 400, a wrong region or endpoint, no such bucket, no or wrong credentials.
          "AWSBadRequestException",
          "AWSRedirectException",
          "UnknownStoreException",
          "NoAuthWithAWSException",
          "CredentialInitializationException",
          "AWSUnsupportedFeatureException",
          "UnsupportedFileSystemException",
          // HDFS: what an administrator has set.
          "QuotaExceededException",
          // Hadoop's own.
          "AccessControlException",
          "ParentNotDirectoryException");

  /** Permanent by their ancestors, but what they tell may pass. */
  private static final Set<String> TRANSIENT = Set.of("RemoteFileChangedException");

  private static final Set<String> PATH = Set.of("PathIOException");
  private static final Set<String> REMOTE = Set.of("RemoteException");

  /** What the operating system says of a disk: nobody makes room within the seconds of a retry. */
  private static final Set<String> NO_ROOM =
      Set.of("No space left on device", "Disk quota exceeded");

  private static final String OURS = "dev.fusewright.";

  private StorageErrors() {}

  /**
   * Whether the same request may succeed later, nobody doing anything: a broken connection, a
   * timeout, a server in trouble, a file that was being replaced. Not a missing file, a missing
   * bucket, missing rights, a full disk or a wrong configuration. The client has already tried such
   * a request for a while.
   */
  public static boolean isTransient(IOException error) {
    IOException e = isNamed(error, REMOTE) ? Remote.unwrap(error) : error;
    if (isNamed(e, TRANSIENT)) {
      return true;
    }
    return !(e instanceof FileNotFoundException
        || e instanceof FileSystemException
        || e instanceof MissingConnectorException
        || e instanceof ScratchExceededException
        || (e.getMessage() != null && NO_ROOM.contains(e.getMessage()))
        || isPathError(e)
        || isNamed(e, PERMANENT));
  }

  /** Whether a file is another one than was asked for, as S3 says. */
  static boolean isReplacement(IOException error) {
    return isNamed(error, TRANSIENT);
  }

  /**
   * An error in words for people: our own say everything themselves; of many others the message is
   * only a path, and the class says what is wrong with it.
   */
  public static String describe(Exception error) {
    if (error instanceof FileSystemException e && e.getReason() == null) {
      return e.getFile() + ": " + problem(e);
    }
    boolean saysEverything =
        error.getClass().getName().startsWith(OURS)
            || error instanceof FileSystemException
            || error instanceof FileNotFoundException;
    return saysEverything && error.getMessage() != null ? error.getMessage() : error.toString();
  }

  /** What a class of errors says of a local file, in whose message is only a path. */
  private static String problem(FileSystemException error) {
    if (error instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (error instanceof AccessDeniedException) {
      return "access is denied";
    }
    if (error instanceof FileAlreadyExistsException) {
      return "something of that name is there already";
    }
    if (error instanceof NotDirectoryException) {
      return "expected a folder, found something else";
    }
    if (error instanceof FileSystemLoopException) {
      return "the folder holds itself, by a link";
    }
    return error.getClass().getSimpleName();
  }

  private static boolean isPathError(IOException e) {
    return isNamed(e, PATH) && !(e.getCause() instanceof IOException);
  }

  /** Loaded when there is such an error, and so Hadoop. */
  private static final class Remote {
    static IOException unwrap(IOException e) {
      return e instanceof RemoteException remote ? remote.unwrapRemoteException() : e;
    }
  }

  private static boolean isNamed(Throwable e, Set<String> names) {
    for (Class<?> type = e.getClass(); type != IOException.class && type != Object.class; ) {
      if (names.contains(type.getSimpleName())) {
        return true;
      }
      type = type.getSuperclass();
    }
    return false;
  }
}
